//! With the disk nearly full nothing new begins, and visits under way can be finished (design section 5).

use crate::ward::ward;
use axum::http::StatusCode;

#[tokio::test]
async fn with_the_disk_nearly_full_nothing_new_begins_and_what_runs_goes_on() {
    let ward = ward().await;
    let mut reception = ward.house.signed_in("reception").await;
    let id = ward.book(&mut reception).await;
    ward.house.store.keep_for_running(true);
    let patient = ward.patient.to_string();
    for (address, fields) in [
        ("/patients/new".to_owned(), vec![("name", "架空 あきら")]),
        (
            "/bookings/new".to_owned(),
            vec![("patient", patient.as_str())],
        ),
        (format!("/bookings/{id}/invite"), Vec::new()),
    ] {
        let answer = reception.post(&address, &fields).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{address}");
        assert!(answer.body.contains("ディスク"), "{}", answer.body);
        assert!(
            answer.body.contains("Nothing new") || answer.body.contains("新しく始められません")
        );
    }
    let mut physician = ward.house.signed_in("physician").await;
    let admit = physician
        .post(&format!("/consultations/{id}/admit"), &[])
        .await;
    assert_eq!(admit.status, StatusCode::SERVICE_UNAVAILABLE);
    let board = reception.get("/today").await;
    assert!(board.body.contains("残りわずか"), "the board says so");
    // Ending what was begun is no beginning.
    let cancelled = reception.post(&format!("/bookings/{id}/cancel"), &[]).await;
    assert_ne!(cancelled.status, StatusCode::SERVICE_UNAVAILABLE);
    ward.house.store.keep_for_running(false);
    let id = ward.book(&mut reception).await;
    let again = reception.post(&format!("/bookings/{id}/invite"), &[]).await;
    assert_eq!(
        again.status,
        StatusCode::SEE_OTHER,
        "with room again it goes on"
    );
}
