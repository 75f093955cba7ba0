//! The documents that members accept.

use app::features::terms::words::of;
use model::terms::Consent;

#[test]
fn every_version_of_a_document_can_be_read() {
    for consent in [Consent::Terms, Consent::Privacy] {
        for version in consent.versions() {
            let parts = of(consent, version.number).unwrap();
            let texts = parts.iter().flat_map(|part| part.paragraphs.iter().chain([&part.title]));
            assert!(texts.flatten().all(|text| !text.trim().is_empty()));
        }
        assert!(of(consent, consent.current() + 1).is_none());
    }
}
