from . import authorisation_grant
from . import authorisation_withdraw
from . import booking_cancel
from . import booking_consumable
from . import pack_sell
