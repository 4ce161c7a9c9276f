"""The portal's own things for programs."""
