"""How fast the portal is beside what its database can do at all (`manage.py bench`)."""
