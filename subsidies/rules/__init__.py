"""How subsidies and commissions are computed. Values in, values out."""
