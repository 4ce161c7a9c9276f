"""What the portal's pages show across the other apps."""
