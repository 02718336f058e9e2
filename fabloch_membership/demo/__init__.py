from . import membership_demo
from . import reminders_demo
