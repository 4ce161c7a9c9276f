"""What programs send of a campaign: its terms, strict, each fault with its pointer."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from competitions.api import ExactField
from competitions.models import Contestants, Source
from competitions.rules.campaigns import Tie
from orgchart.models import DealerTier
from targets.models import Indicator

MOST_LINES = 50
MOST_PLACES = 1000


class PrizeSerializer(serializers.Serializer):
    """So many places at so many yuan each."""

    places = serializers.IntegerField(min_value=1, max_value=MOST_PLACES)
    amount = ExactField()


class LevelSerializer(serializers.Serializer):
    """Whoever reaches a result gets so many yuan."""

    at = ExactField()
    amount = ExactField()


class CampaignSerializer(serializers.Serializer):
    """A campaign; the indicator and units by code. `stored` gives the fields of Campaign."""

    name_zh = serializers.CharField(max_length=100)
    name_en = serializers.CharField(max_length=100, allow_blank=True, default="")
    contestants = serializers.ChoiceField(Contestants.choices)
    source = serializers.ChoiceField(Source.choices)
    indicator = serializers.CharField(max_length=40, allow_null=True, default=None)
    measure = serializers.CharField(max_length=20, allow_blank=True, default="")
    decimals = serializers.IntegerField(min_value=0, max_value=4, default=0)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    units = serializers.ListField(
        child=serializers.CharField(max_length=40), default=list, max_length=MOST_PLACES
    )
    tier = serializers.ChoiceField(DealerTier.choices, allow_blank=True, default="")
    goal = ExactField(allow_null=True, default=None)
    threshold = ExactField(allow_null=True, default=None)
    prizes = PrizeSerializer(many=True, default=list, max_length=MOST_LINES)
    levels = LevelSerializer(many=True, default=list, max_length=MOST_LINES)
    tie = serializers.ChoiceField([each.value for each in Tie], default=Tie.SHARE.value)
    notice_days = serializers.IntegerField(min_value=0, max_value=31, default=3)
    note = serializers.CharField(max_length=1000, allow_blank=True, default="")

    def validate_indicator(self, code: str | None) -> Indicator | None:
        if code is None:
            return None
        found = Indicator.objects.filter(district=self.context["district"], code=code).first()
        if found is None:
            raise serializers.ValidationError(_("This code is not known."))
        return found

    @property
    def stored(self) -> dict[str, Any]:
        """The fields of Campaign."""
        given = {name: value for name, value in self.validated_data.items() if name != "version"}
        return given | {
            "prizes": [[each["places"], _cents(each["amount"])] for each in given["prizes"]],
            "levels": [
                [f"{each['at'].normalize():f}", _cents(each["amount"])] for each in given["levels"]
            ],
        }


class ChangeSerializer(CampaignSerializer):
    """A campaign again; `version` is the one it was read at."""

    version = serializers.IntegerField(min_value=0)


class ReasonSerializer(serializers.Serializer):
    """Why a campaign is called off."""

    reason = serializers.CharField(max_length=500)


def _cents(amount: Decimal) -> str:
    """Write yuan with two decimals; with more they stay, for the rules to refuse."""
    return f"{amount:.2f}" if amount == round(amount, 2) else f"{amount:f}"
