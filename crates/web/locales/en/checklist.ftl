# The published checklist
checklist-title = Checklist of the guidelines for online care
checklist-what = The clinic publishes how it stands with each item of the ministry's guidelines.
checklist-publish = Publish it as it stands
checklist-published-at = Published { $at }
checklist-not-published = Not published yet. Once published, everyone can read it from the clinic's page.
