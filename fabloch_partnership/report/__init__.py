from . import donation_report
from . import mandate_report
