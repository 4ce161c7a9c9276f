"""What the lists of field work can be narrowed by, a module for each subject."""
