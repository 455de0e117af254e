//! Places with their papers, pictures, and the published checklist, on both engines.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod engines;

use access::{DeviceId, PersonId, Role, Ulid};
use care::{
    Class, Consultation, Service,
    patient::Profile,
    place::site::{Exception, Facts, Key, Round, SiteKind, bookable},
};
use engines::{CLINIC, NOW, both_engines};
use jiff::civil::{Date, date};
use store::{
    By, Fault, Tx,
    aid::{AIDS_MAX, Content, Danger, Sent},
    course::FileKind,
    site::{Named, NewException, NewSite},
};

const PHYSICIAN: PersonId = PersonId(Ulid::from_bytes([11; 16]));
const HALL: &str = "長野県みほん郡みずうみ町9-9";
const ON: Date = date(2026, 11, 20);

fn physician() -> By {
    By::Person {
        id: PHYSICIAN,
        role: Role::Physician,
        device: DeviceId(Ulid::from_bytes([21; 16])),
    }
}

async fn visit(tx: &mut Tx, name: &str, number: &str) -> Result<Consultation, Fault> {
    let profile = Profile {
        name: name.into(),
        kana: "みほん".into(),
        birth: date(1951, 4, 3),
        sex: "男".into(),
        phone: number.into(),
        mail: String::new(),
        address: HALL.into(),
        alerts: Vec::new(),
    };
    let patient = tx.add_patient(&physician(), &profile).await?;
    let kind = (Class::First, Service::Care);
    let booking = tx.book(&physician(), patient, PHYSICIAN, kind, NOW).await?;
    Ok(booking.consultation)
}

async fn facts(tx: &mut Tx, of: &Consultation) -> Result<Facts, Fault> {
    tx.place_facts(of.patient, &Key::read(HALL).unwrap(), (ON, false))
        .await
}

#[test]
fn a_place_is_found_by_its_address_with_whoever_is_booked_there() {
    both_engines(|place| async move {
        let store = place.open().await;
        let done: Result<(), Fault> = store
            .write(CLINIC, NOW, |tx| {
                Box::pin(async move {
                    let key = Key::read(HALL).unwrap();
                    let one = visit(tx, "別見 一郎", "0011110001").await?;
                    let family = visit(tx, "別見 次郎", "0011110002").await?;
                    let other = visit(tx, "他見 三郎", "0011110003").await?;
                    for of in [&one, &family] {
                        tx.keep_visit_place(of.id, of.patient, &key, ON).await?;
                    }
                    assert_eq!(facts(tx, &family).await?.unrelated, 0);
                    assert_eq!(facts(tx, &other).await?.unrelated, 2);
                    // Far from that day nobody is counted.
                    let later = (date(2027, 1, 20), false);
                    let far = tx.place_facts(other.patient, &key, later).await?;
                    assert_eq!((far.unrelated, far.site), (0, None));

                    let named = Named {
                        name: "見本会館".into(),
                        address: HALL.into(),
                    };
                    let new = NewSite {
                        kind: SiteKind::Group,
                        named: &named,
                        key: &key,
                        notified: None,
                    };
                    let group = tx.enter_site(&physician(), new).await?;
                    let exception = Exception {
                        round: Round::MobileClinic,
                        from: ON,
                        until: ON,
                        confirmed: ON,
                        signed: false,
                    };
                    let new = NewException {
                        exception: &exception,
                        authority: "見本保健所",
                        contact: "00-0000-0000",
                        document: (FileKind::Pdf, b"%PDF-1.7"),
                    };
                    let entered = tx.enter_exception(&physician(), group, new).await?;
                    assert!(bookable(&facts(tx, &other).await?).is_err());
                    tx.sign_exception(&physician(), PHYSICIAN, entered).await?;
                    assert!(bookable(&facts(tx, &other).await?).is_ok());
                    let again = tx.sign_exception(&physician(), PHYSICIAN, entered).await;
                    assert!(matches!(again, Err(Fault::Conflict)));

                    // Entered anew at the same address, it takes the place of the first.
                    let new = NewSite {
                        kind: SiteKind::Clinic,
                        named: &named,
                        key: &key,
                        notified: Some(("診-12", FileKind::Pdf, b"%PDF-1.7")),
                    };
                    tx.enter_site(&physician(), new).await?;
                    let lines = tx.sites(ON).await?;
                    assert_eq!((lines.len(), lines[0].patients), (1, 2));
                    assert_eq!(lines[0].site.notified, Some(("診-12".into(), true)));
                    assert_eq!(lines[0].named.address, HALL);
                    Ok(())
                })
            })
            .await;
        done.unwrap();
        store.close().await;
        if place.engine == "sqlite" {
            let (file, words) = (
                std::fs::read(place.file()).unwrap(),
                "みずうみ町9-9".as_bytes(),
            );
            assert!(
                !file.windows(words.len()).any(|part| part == words),
                "sealed"
            );
        }
    });
}

#[test]
fn what_was_sent_is_kept_sealed_and_what_is_dangerous_is_not_kept() {
    both_engines(|place| async move {
        let store = place.open().await;
        let done: Result<(), Fault> = store
            .write(CLINIC, NOW, |tx| {
                Box::pin(async move {
                    let by = physician();
                    let one = visit(tx, "別見 一郎", "0011110001").await?;
                    let other = visit(tx, "他見 三郎", "0011110003").await?;
                    let picture = tx.keep_aid(&by, &one, Sent::Picture(b"points")).await?;
                    tx.keep_aid(&by, &one, Sent::Words("赤い")).await?;
                    let bad = Sent::Dangerous(b"MZ", Danger::Program);
                    let bad = tx.keep_aid(&by, &one, bad).await?;
                    assert_eq!(
                        tx.aid_picture(&one, picture).await?,
                        Some(b"points".to_vec())
                    );
                    assert_eq!(tx.aid_picture(&one, bad).await?, None);
                    assert_eq!(tx.aid_picture(&other, picture).await?, None);
                    let aids = tx.aids(&one).await?;
                    let count = |is: fn(&Content) -> bool| {
                        aids.iter().filter(|aid| is(&aid.content)).count()
                    };
                    assert_eq!(count(|one| matches!(one, Content::Picture)), 1);
                    assert_eq!(count(|one| matches!(one, Content::SetAside)), 1);
                    let said =
                        |one: &Content| matches!(one, Content::Words(words) if words == "赤い");
                    assert_eq!(count(said), 1);
                    for _ in aids.len()..AIDS_MAX {
                        tx.keep_aid(&by, &one, Sent::Words("x")).await?;
                    }
                    let full = tx.keep_aid(&by, &one, Sent::Words("x")).await;
                    assert!(matches!(full, Err(Fault::Conflict)));

                    assert!(!tx.licence_is_shown(PHYSICIAN).await?);
                    tx.put_licence(&by, PHYSICIAN, b"whole", None).await?;
                    assert!(!tx.licence_is_shown(PHYSICIAN).await?);
                    tx.put_licence(&by, PHYSICIAN, b"hidden", Some(&[3, 4]))
                        .await?;
                    assert!(tx.licence_is_shown(PHYSICIAN).await?);
                    let licence = tx.licence(PHYSICIAN).await?.unwrap();
                    assert_eq!(licence.picture, b"hidden");
                    assert_eq!(licence.masked, Some(vec![3, 4]));
                    tx.remove_licence(&by, PHYSICIAN).await?;
                    assert!(tx.licence(PHYSICIAN).await?.is_none());

                    assert!(tx.published_checklist().await?.is_none());
                    let clauses = [("cl-1.1-i", "unproved")];
                    tx.publish_checklist(&by, PHYSICIAN, &clauses).await?;
                    Ok(())
                })
            })
            .await;
        done.unwrap();
        let later = NOW + jiff::SignedDuration::from_secs(60);
        let published: Result<_, Fault> = store
            .write(CLINIC, later, |tx| {
                Box::pin(async move {
                    let clauses = [("cl-1.1-i", "met")];
                    tx.publish_checklist(&physician(), PHYSICIAN, &clauses)
                        .await?;
                    Ok(tx.published_checklist().await?.unwrap())
                })
            })
            .await;
        let published = published.unwrap();
        assert_eq!(published.clauses, [("cl-1.1-i".into(), "met".into())]);
        assert_eq!(published.at, later);
        store.close().await;
    });
}
