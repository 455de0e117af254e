# Who opened your record
visit-link-readers = Who opened my record
visit-readers-title = Who opened your record
visit-readers-what = Who at the clinic opened it, and on which day. Each opening is kept by itself; nobody can delete or change that.
visit-readers-record = Opened your record.
visit-readers-list = Opened a list with your name in it.
visit-readers-staff = Staff
visit-readers-none = Nobody has opened it yet.
visit-readers-since = Since { $day }. For earlier days, please ask the clinic.
visit-readers-ask = If you do not know somebody here, please call the number below.

# A correction
visit-corrected-subject = A correction to the record of your visit
visit-corrected-text =
    { $clinic }
    Your record of { $day } was corrected.
visit-corrected-link = Read it here:
visit-corrected-call = Please call us to hear what is new.
visit-corrected-phone = Telephone { $phone }
