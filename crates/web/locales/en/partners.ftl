# Partners

partners-title = Partners
partners-new = Add a partner
partners-none = There is no partner yet.
partners-why = Where patients go when they suddenly get worse. An expired entry cannot be used in plans.
partners-name = Name
partners-phone = Telephone
partners-hours = Hours
partners-night = Open at night and on holidays
partners-areas = Municipalities it serves
partners-areas-hint = One a line, from the prefecture on. Example: 東京都新宿区
partners-kind = Kind
partners-kind-hospital = Hospital
partners-kind-clinic = Clinic
partners-kind-pharmacy = Pharmacy
partners-kind-hint = A pharmacy is no place to go to when one suddenly gets worse.
partners-minutes = Travel from the farthest of them (minutes)
partners-valid-until = Valid until
partners-expired = expired
partners-save = Save
partners-edit = Edit
partners-full = There are 200 entries, the most there can be. Please rewrite expired ones.
partners-takes = What it can take
partners-confirmed = confirmed { $day }
partners-to-confirm = to be confirmed
partners-confirmed-on = Day on which the partner was asked
partners-confirmed-hint = Fever, wounds, children, admission at night: what the partner said it can take, and when. After a year it is to be confirmed again.
