//! Text that changes while its page is open.

use leptos::{
    attr::IntoAttributeValue,
    tachys::{html::element::InnerHtmlValue, renderer::types::Element},
};

/// Text that belongs to its element and not to a node in it: a browser that translates a page puts nodes of its own in the
/// place of ours, and what is written into ours is then seen by nobody. Used as `<p inner_html=words(move || …) />`; it is text
/// all the same, and never read as HTML.
pub fn words<T: Into<String>>(text: impl Fn() -> T + Send + 'static) -> Changing {
    Changing(Box::new(move || Words(text().into())))
}

/// What [`words`] makes.
pub struct Changing(Box<dyn Fn() -> Words + Send>);

impl IntoAttributeValue for Changing {
    type Output = Box<dyn Fn() -> Words + Send>;

    fn into_attribute_value(self) -> Self::Output {
        self.0
    }
}

/// A text at one moment.
#[derive(Clone)]
pub struct Words(String);

impl InnerHtmlValue for Words {
    type AsyncOutput = Self;
    type State = (Element, String);
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn html_len(&self) -> usize {
        self.0.len()
    }

    fn to_html(self, html: &mut String) {
        for letter in self.0.chars() {
            match letter {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                other => html.push(other),
            }
        }
    }

    fn to_template(_: &mut String) {}

    fn hydrate<const FROM_SERVER: bool>(self, element: &Element) -> Self::State {
        if FROM_SERVER { (element.clone(), self.0) } else { self.build(element) }
    }

    fn build(self, element: &Element) -> Self::State {
        element.set_text_content(Some(&self.0));
        (element.clone(), self.0)
    }

    fn rebuild(self, (element, shown): &mut Self::State) {
        if self.0 != *shown {
            element.set_text_content(Some(&self.0));
            *shown = self.0;
        }
    }

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }
}
