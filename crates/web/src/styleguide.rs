//! The styleguide.
pub(crate) const ADDRESS: &str = "#styleguide";
pub(crate) fn styleguide() -> crate::dom::Element {
    crate::dom::el("main")
}
