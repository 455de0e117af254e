# Partners

partners-title = Partners
partners-new = Add a partner
partners-none = There is no partner yet.
partners-why = Where patients go when they suddenly get worse. An expired entry cannot be used in plans.
partners-name = Name
partners-phone = Telephone
partners-hours = Hours
partners-night = Open at night and on holidays
partners-area = Area
partners-minutes = Travel (minutes)
partners-valid-until = Valid until
partners-expired = expired
partners-save = Save
partners-edit = Edit
