//! The documents that members accept.

use app::features::accounts::terms::words::of;
use model::terms::Consent;

/// What each version says, as the beginning of a hash. A line that is here is never changed, whatever is to be said from now on: members
/// accepted it.
const PUBLISHED: [(Consent, u32, &str); 4] = [
    (Consent::Terms, 1, "6471259ccc5b879c"),
    (Consent::Privacy, 1, "32f8e5cbe6e81b03"),
    (Consent::Privacy, 2, "96bec531bc8392b8"),
    (Consent::Privacy, 3, "0e4d722aec405fe1"),
];

#[test]
fn what_was_published_stays_as_it_was() {
    for consent in [Consent::Terms, Consent::Privacy] {
        for version in consent.versions() {
            let parts = of(consent, version.number).unwrap();
            let texts = parts.iter().flat_map(|part| std::iter::once(&part.title).chain(part.paragraphs)).flatten();
            let text = texts.copied().collect::<Vec<_>>().join("\n");
            let hash = engine::ids::hash(&[text.as_bytes()]);
            let hash: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
            let published = PUBLISHED.iter().find(|known| (known.0, known.1) == (consent, version.number));
            assert_eq!(Some(hash.as_str()), published.map(|known| known.2), "{consent:?}, version {}", version.number);
        }
    }
}

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
