//! A course certificate of the demo clinic: a real, one-page PDF that says what it is not.

/// Writes the certificate with this number.
pub(super) fn pdf(number: &str) -> Vec<u8> {
    let text = format!(
        "BT /F1 20 Tf 60 700 Td (SPECIMEN - not a real certificate) Tj 0 -40 Td (No. {number}) Tj ET"
    );
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let head = "%PDF-1.4\n";
    let (mut parts, mut start) = (vec![head.to_owned()], head.len());
    let mut table = vec![format!(
        "xref\n0 {}\n0000000000 65535 f \n",
        objects.len() + 1
    )];
    for (number, object) in (1..).zip(&objects) {
        table.push(format!("{start:010} 00000 n \n"));
        let part = format!("{number} 0 obj\n{object}\nendobj\n");
        start += part.len();
        parts.push(part);
    }
    parts.append(&mut table);
    parts.push(format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    ));
    parts.concat().into_bytes()
}
