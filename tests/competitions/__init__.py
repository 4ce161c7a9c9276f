"""Tests of the competitions app."""
