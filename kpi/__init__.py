"""What did happen, and how good it is: actuals, scores, ranks, pace."""
