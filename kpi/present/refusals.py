"""Why what was written makes no rule, in a sentence."""

from django.utils.translation import gettext as _


def rule_refusal(rule: str, name: str) -> str:
    """Return the sentence for the parameter of a rule (or of a "bonus") that is at fault."""
    if name == "per":
        return _("Give at least one kind of event its points.")
    if name == "cap" and rule == "bonus":
        return _("Say how many points the bonus gives at most.")
    sentences = {
        "weight": _("A weight above 0 is needed, with no more decimals than can be scored."),
        "indicator": _("This rule needs an indicator; a ratio is scored by bands alone."),
        "cap": _("A cap is needed here, above the floor."),
        "floor": _("The floor must not be negative."),
        "bands": _("Each band once, with a threshold and points that are not negative."),
        "low": _("The lowest rate is needed."),
        "low_points": _("The points of the lowest rate are needed."),
        "high": _("The highest rate must be above the lowest."),
        "high_points": _("The points of the highest rate are needed, not below the lowest's."),
    }
    return sentences.get(name) or _("At most four decimals can be scored.")
