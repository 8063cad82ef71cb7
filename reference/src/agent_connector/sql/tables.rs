//! The simulated tables.

/// Rows of each table.
pub(super) const ROWS: u64 = 25;

/// One table.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, ColumnKind)],
}

/// The values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnKind {
    /// The row's number, from 1.
    Id,
    /// The number of a row of another table.
    Reference,
    OneOf(&'static [&'static str]),
    /// An e-mail address for the row.
    Email,
    /// From 1 to this.
    Whole(u64),
    /// From 1.00 to this.
    Money(u64),
    /// A day of 2025.
    Day,
}

const NAMES: ColumnKind = ColumnKind::OneOf(&[
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
const CITIES: ColumnKind =
    ColumnKind::OneOf(&["Accra", "Bergen", "Lima", "Lyon", "Osaka", "Porto", "Quito", "Turin"]);
const PRODUCTS: ColumnKind = ColumnKind::OneOf(&[
    "desk lamp",
    "kettle",
    "notebook",
    "backpack",
    "keyboard",
    "chair",
    "mug",
    "headphones",
]);
const CATEGORIES: ColumnKind = ColumnKind::OneOf(&["home", "office", "travel", "electronics"]);
const STATUSES: ColumnKind = ColumnKind::OneOf(&["pending", "paid", "shipped", "delivered", "cancelled"]);
const DEPARTMENTS: ColumnKind = ColumnKind::OneOf(&["sales", "support", "engineering", "finance"]);
const METHODS: ColumnKind = ColumnKind::OneOf(&["card", "transfer", "invoice"]);

pub(super) const TABLES: [Table; 6] = [
    Table {
        name: "users",
        columns: &[
            ("id", ColumnKind::Id),
            ("name", NAMES),
            ("email", ColumnKind::Email),
            ("created_at", ColumnKind::Day),
        ],
    },
    Table {
        name: "customers",
        columns: &[("id", ColumnKind::Id), ("name", NAMES), ("email", ColumnKind::Email), ("city", CITIES)],
    },
    Table {
        name: "products",
        columns: &[
            ("id", ColumnKind::Id),
            ("name", PRODUCTS),
            ("category", CATEGORIES),
            ("price", ColumnKind::Money(200)),
            ("stock", ColumnKind::Whole(500)),
        ],
    },
    Table {
        name: "orders",
        columns: &[
            ("id", ColumnKind::Id),
            ("user_id", ColumnKind::Reference),
            ("product_id", ColumnKind::Reference),
            ("quantity", ColumnKind::Whole(9)),
            ("total", ColumnKind::Money(900)),
            ("status", STATUSES),
            ("created_at", ColumnKind::Day),
        ],
    },
    Table {
        name: "employees",
        columns: &[
            ("id", ColumnKind::Id),
            ("name", NAMES),
            ("department", DEPARTMENTS),
            ("salary", ColumnKind::Money(9_000)),
        ],
    },
    Table {
        name: "payments",
        columns: &[
            ("id", ColumnKind::Id),
            ("order_id", ColumnKind::Reference),
            ("amount", ColumnKind::Money(900)),
            ("method", METHODS),
            ("paid_at", ColumnKind::Day),
        ],
    },
];
