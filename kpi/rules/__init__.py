"""How reported results become scores, ranks and pace."""
