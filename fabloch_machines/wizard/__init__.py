from . import booking_repeat
from . import booking_repeat_line
from . import booking_repeat_rule
