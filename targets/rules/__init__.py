"""What targets mean: growth, the floor of gross additions, and exact breakdown."""
