# The clinic's contact

notice-title = The clinic's contact
notice-why = Name, address, telephone and hours stand on every patient page and message. With one of them empty no patient page opens.
notice-name = Name of the clinic
notice-address = Address
notice-phone = Telephone
notice-hours = Hours
notice-name-en = Name in English (optional)
notice-address-en = Address in English (optional)
notice-hours-en = Hours in English (optional)
notice-code = Institution code
notice-notified = The authorities were notified of online care
notice-keep = Save
notice-kept = Saved. Patient pages show the new contact at once.
notice-phone-wrong = Please enter the telephone number with its area code.
