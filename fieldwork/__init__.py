"""What people do all day: accounts to win, visits, forms, and what they move in score and pay."""
