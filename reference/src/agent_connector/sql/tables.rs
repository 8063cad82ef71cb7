//! The tables that queries find.

/// Rows of each table.
pub(super) const ROWS: u64 = 25;

/// One table.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The row's number, from 1.
    Id,
    /// The number of a row of another table.
    Reference,
    OneOf(&'static [&'static str]),
    /// An address that belongs to the row.
    Email,
    /// From 1 to this.
    Whole(u64),
    /// From 1.00 to this.
    Money(u64),
    /// A day of 2025.
    Day,
}

const NAMES: Kind = Kind::OneOf(&[
    "Ada Novak",
    "Ben Okafor",
    "Clara Lind",
    "David Moreau",
    "Elif Demir",
    "Farid Haddad",
    "Grace Tan",
    "Hugo Santos",
    "Ines Costa",
    "Jonas Berg",
    "Kira Petrova",
    "Liam Walsh",
]);
const CITIES: Kind = Kind::OneOf(&["Accra", "Bergen", "Lima", "Lyon", "Osaka", "Porto", "Quito", "Turin"]);
const PRODUCTS: Kind =
    Kind::OneOf(&["desk lamp", "kettle", "notebook", "backpack", "keyboard", "chair", "mug", "headphones"]);
const CATEGORIES: Kind = Kind::OneOf(&["home", "office", "travel", "electronics"]);
const STATUSES: Kind = Kind::OneOf(&["pending", "paid", "shipped", "delivered", "cancelled"]);
const DEPARTMENTS: Kind = Kind::OneOf(&["sales", "support", "engineering", "finance"]);
const METHODS: Kind = Kind::OneOf(&["card", "transfer", "invoice"]);

pub(super) const TABLES: [Table; 6] = [
    Table {
        name: "users",
        columns: &[("id", Kind::Id), ("name", NAMES), ("email", Kind::Email), ("created_at", Kind::Day)],
    },
    Table {
        name: "customers",
        columns: &[("id", Kind::Id), ("name", NAMES), ("email", Kind::Email), ("city", CITIES)],
    },
    Table {
        name: "products",
        columns: &[
            ("id", Kind::Id),
            ("name", PRODUCTS),
            ("category", CATEGORIES),
            ("price", Kind::Money(200)),
            ("stock", Kind::Whole(500)),
        ],
    },
    Table {
        name: "orders",
        columns: &[
            ("id", Kind::Id),
            ("user_id", Kind::Reference),
            ("product_id", Kind::Reference),
            ("quantity", Kind::Whole(9)),
            ("total", Kind::Money(900)),
            ("status", STATUSES),
            ("created_at", Kind::Day),
        ],
    },
    Table {
        name: "employees",
        columns: &[
            ("id", Kind::Id),
            ("name", NAMES),
            ("department", DEPARTMENTS),
            ("salary", Kind::Money(9_000)),
        ],
    },
    Table {
        name: "payments",
        columns: &[
            ("id", Kind::Id),
            ("order_id", Kind::Reference),
            ("amount", Kind::Money(900)),
            ("method", METHODS),
            ("paid_at", Kind::Day),
        ],
    },
];
