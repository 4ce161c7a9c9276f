"""Tests of the subsidies app."""
