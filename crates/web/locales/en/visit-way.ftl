# The patient's pages: what the plan gives, where one is seen in person, promised calls, trouble

shell-worse = If you suddenly get worse

visit-explain-items = What to read
visit-explain-changed = Only what has changed since you last read it is shown.
visit-explain-marks = You can go on with a mark. The doctor will explain it aloud.

visit-agree-left = Not all agreements are chosen
visit-agree-left-what = Without all of them we see you at the clinic, not online. What you chose is still chosen. You can choose again, or talk to the clinic first.
visit-agree-left-in-person = Go on to a visit at the clinic

visit-callback-turn = Call me when it is my turn
visit-callback-place = Ask the clinic to call me
visit-callback-agreement = Talk to reception by phone first
visit-callback-asked = Your request for a call is noted ({ $at }). The clinic will ring your phone.
visit-callback-called = We called you at { $at }.

visit-given-prepare = Have ready
visit-given-place = Where you can be seen in person at once
visit-given-hours = About the booking (late, cancelling, contact)

visit-going-title = Where to go
visit-going-where = Where
visit-going-by = By
visit-going-told = What the doctor said
visit-going-how = If you cannot go, or if you feel different, please call the clinic.

visit-after-corrected = Corrected on { $at }.
visit-after-corrected-how = The new text comes first, the earlier one below.
visit-after-old = Before the correction ({ $at })

visit-safety-title = If you suddenly get worse
visit-safety-plan = What your care plan says
visit-safety-responds = You are seen here
visit-safety-8000 = Sudden illness of a child (nights, holidays)
visit-safety-area = Where a number does not answer, call 119 or the clinic.

visit-hold-ways = Other ways
visit-hold-other-day = Give this booking up and choose another day
visit-hold-company-title = Whoever is with you must agree
visit-hold-company-why = Please make sure that this person may hear what is said. If not, ask them to leave the room for a while.
visit-hold-company-done = I made sure

visit-different-place-name = If you are in a facility or at work, its name
visit-different-agree = Does this person agree to hear the visit?
visit-different-agree-yes = Yes, agreed
visit-different-agree-no = Not yet
visit-statement-agreed = Who is with me agrees. Nobody else can hear
visit-statement-place-name = The name of the facility or workplace
visit-statement-choose-agree = Whether this person agrees

visit-mail-text =
    { $clinic }
    Booking number { $number }

    Online visit on { $at } with Dr { $physician }.
    The waiting room opens at { $opens }. Opened earlier, you can prepare.

    { $url }

    Please prepare
    - Where to be: { $guidance }
    - At hand: your medicine book, your notes of blood pressure and the like
    - Your phone: charged, opened in Safari or Chrome

    Good to know
    - The doctor decides each time whether online is right. You may be asked to come in.
    - Not while driving or walking.
    - Please do not record. The clinic does not either.
    - To change or cancel, please call. It costs nothing.
    - Seen in person near you: { $near }

    If it does not open, or if you booked nothing, call { $phone } ({ $hours })
    We never write illnesses or medicines in a mail.
visit-mail-tomorrow = Your online visit tomorrow (booking number { $number })

# What could not be done, said to a patient
patient-problem-sign-in-title = Please come in by your link again
patient-problem-sign-in-detail = Some time has passed, or the visit was opened on another phone. Please press the link in your message again.
patient-problem-not-found-detail = The address seems to be wrong. Please press the link in your message again.
