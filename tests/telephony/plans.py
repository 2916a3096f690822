"""Number plans of some offices."""

from screenpop.telephony.identifiers import Region
from screenpop.telephony.phone_numbers import NumberPlan

TEHRAN = NumberPlan(Region("IR"), area_code="21", extensions=("1XX",))
ATHENS = NumberPlan(Region("GR"), area_code="210", extensions=("1XX",))
IRAN = NumberPlan(Region("IR"))
GREECE = NumberPlan(Region("GR"))
NEW_YORK = NumberPlan(Region("US"), area_code="212")
ROME = NumberPlan(Region("IT"), area_code="06")
BERLIN = NumberPlan(Region("DE"), area_code="30")
PLANS = (TEHRAN, ATHENS, IRAN, GREECE, NEW_YORK, ROME, BERLIN)
MOBILE = "+989123456789"
