"""Who: units, posts, people, supervision, dealers; and the trail of every change."""
