from . import closure_plan
from . import holidays_add
from . import booking_repeat
from . import booking_repeat_line
from . import booking_repeat_rule
