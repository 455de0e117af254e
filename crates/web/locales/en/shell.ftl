# The frame of every page

shell-skip = Skip to the text
shell-phone = Phone
shell-call-us = Need help? Please call us
shell-nav = Main pages
shell-language = Language
shell-keys-what = Keyboard shortcuts
shell-keys-on = On
shell-keys-off = Off
shell-keys-turn-off = Turn off
shell-keys-turn-on = Turn on
shell-account = My settings
shell-sign-out = Sign out
shell-offline = There is no connection. You can wait on this page until it is back.
shell-slow = No answer yet. Pressing again does no harm.
shell-demo = This is a demonstration. All people and places are made up.

nav-today = Today
nav-bookings = Bookings
nav-patients = Patients
nav-plans = Plans
nav-documents = Documents
nav-partners = Partners
nav-checklist = Checklist
nav-months = Monthly review
nav-people = People and devices
nav-incidents = Incidents
nav-publishing = Publishing

role-physician = Physician
role-nurse = Nurse
role-reception = Reception
role-administrator = Administrator

today-title = Today
today-empty = There are no bookings today.
