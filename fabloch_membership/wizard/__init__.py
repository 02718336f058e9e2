from . import base_partner_merge
from . import membership_enrol
from . import membership_batch_renew
from . import membership_cancel
from . import year_end_members
