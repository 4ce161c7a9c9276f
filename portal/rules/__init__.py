"""Pure rules of the portal's own things."""
