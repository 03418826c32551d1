//! Texts: XMP packets that are deep, wide or full of names, and what generators of pictures write, made endless.

use super::Bomb;
use super::carriers::{chunk, jpeg, png, segment, with_xmp, zlib};

pub fn bombs() -> Vec<Bomb> {
    let mut out = Vec::new();
    for (name, inside) in packets() {
        for (ending, bytes) in with_xmp(&packet(&inside)) {
            if matches!(ending, "png" | "tif" | "gif") {
                out.push(Bomb::new(format!("xmp-{name}.{ending}"), bytes));
            }
        }
    }
    // As compressed text a packet may be larger than the file.
    let long = packet(&"<rdf:Description xmlns:a='a:'><a:b>c</a:b></rdf:Description>".repeat(150_000));
    let body = [b"XML:com.adobe.xmp\0\x01\0\0\0", &zlib(&long)[..]].concat();
    out.push(Bomb::new("xmp-9-mb-compressed.png", png(&chunk(b"iTXt", &body))));
    for (name, keyword, text) in generators() {
        let mut carried = [keyword.as_bytes(), b"\0", text.as_bytes()].concat();
        let kind = if text.len() < 900_000 {
            b"tEXt"
        } else {
            carried = [keyword.as_bytes(), b"\0\0", &zlib(text.as_bytes())].concat();
            b"zTXt"
        };
        out.push(Bomb::new(format!("text-{name}.png"), png(&chunk(kind, &carried))));
    }
    let comment = "Steps: 20, Sampler: a, ".repeat(2_500);
    out.push(Bomb::new(
        "text-jpeg-comments.jpg",
        jpeg(&segment(0xfe, comment.as_bytes()).repeat(15)),
    ));
    out.extend(stealth());
    out
}

fn packet(inside: &str) -> Vec<u8> {
    format!("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{inside}</rdf:RDF></x:xmpmeta>").into_bytes()
}

fn packets() -> Vec<(&'static str, String)> {
    let of = |body: &str| format!("<rdf:Description>{body}</rdf:Description>");
    let names = |count: usize, what: &str| (0..count).map(|n| format!(" {what}{n}='a'")).collect::<String>();
    vec![
        ("deep", "<rdf:Description>".repeat(50_000)),
        ("deep-bags", of(&"<dc:a><rdf:Bag><rdf:li>".repeat(35_000))),
        ("wide", of(&"<dc:title>a</dc:title>".repeat(40_000))),
        (
            "long-list",
            of(&format!(
                "<dc:subject><rdf:Bag>{}</rdf:Bag></dc:subject>",
                "<rdf:li>a</rdf:li>".repeat(49_000)
            )),
        ),
        (
            "attributes",
            format!("<rdf:Description{}/>", names(70_000, "dc:a")),
        ),
        (
            "same-attribute",
            format!("<rdf:Description{}/>", " dc:a='a'".repeat(90_000)),
        ),
        (
            "namespaces",
            format!("<rdf:Description{}/>", names(55_000, "xmlns:a")),
        ),
        (
            "nested-namespaces",
            (0..20_000)
                .map(|n| format!("<a{n}:b xmlns:a{n}='u:{n}'>"))
                .collect(),
        ),
        (
            "namespaces-then-elements",
            format!(
                "<rdf:Description{}>{}</rdf:Description>",
                names(25_000, "xmlns:a"),
                "<dc:a/>".repeat(49_000)
            ),
        ),
        (
            "entities",
            of(&format!(
                "<dc:title>{}</dc:title>",
                "&lt;&#65;&amp;".repeat(60_000)
            )),
        ),
        (
            "unknown-entities",
            of(&format!("<dc:title>{}</dc:title>", "&laugh;".repeat(120_000))),
        ),
        (
            "cdata",
            of(&format!(
                "<dc:title>{}</dc:title>",
                "<![CDATA[a]]>".repeat(48_000)
            )),
        ),
        ("comments", of(&"<!---->".repeat(49_000))),
        ("instructions", of(&"<?a?>".repeat(49_000))),
        ("long-name", of(&format!("<dc:{}>a</dc:a>", "a".repeat(900_000)))),
        (
            "long-value",
            of(&format!("<dc:title>{}</dc:title>", "a".repeat(900_000))),
        ),
        (
            "structures",
            of(&"<dc:a rdf:parseType='Resource'>".repeat(25_000)),
        ),
        (
            "laughs",
            "]><!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>".repeat(10_000),
        ),
    ]
}

fn generators() -> Vec<(&'static str, &'static str, String)> {
    let node =
        |id: usize, inputs: &str| format!("\"{id}\":{{\"class_type\":\"KSampler\",\"inputs\":{{{inputs}}}}}");
    let graph = |nodes: Vec<String>| format!("{{{}}}", nodes.join(","));
    let two = |count: usize| {
        (0..count).map(|id| {
            node(
                id,
                &format!(
                    "\"model\":[\"{0}\",0],\"positive\":[\"{0}\",0],\"negative\":[\"{0}\",1]",
                    id + 1
                ),
            )
        })
    };
    let all_to_all = |count: usize| {
        (0..count).map(move |id| {
            let inputs: Vec<String> = (0..count).map(|to| format!("\"i{to}\":[\"{to}\",0]")).collect();
            node(id, &inputs.join(","))
        })
    };
    let clip = |count: usize| {
        (0..count).map(|id| format!("\"{id}\":{{\"class_type\":\"ConditioningCombine\",\"inputs\":{{\"conditioning_1\":[\"{0}\",0],\"conditioning_2\":[\"{0}\",0]}}}}", id + 1))
    };
    let sampler = "\"s\":{\"class_type\":\"KSampler\",\"inputs\":{\"positive\":[\"0\",0],\"negative\":[\"0\",0],\"latent_image\":[\"s\",0],\"model\":[\"s\",0]}},\"o\":{\"class_type\":\"SaveImage\",\"inputs\":{\"images\":[\"s\",0]}}".to_owned();
    let links: String = (0..30_000)
        .map(|n| format!("[{n},{n},0,{n},0,\"MODEL\"],"))
        .collect();
    let drawn: String = (0..4_000).map(|n| format!("{{\"id\":{n},\"type\":\"KSampler\",\"inputs\":[{{\"name\":\"model\",\"link\":{n}}}],\"widgets_values\":[1,2,3]}},")).collect();
    vec![
        ("comfy-doubling-chain", "prompt", graph(two(6_000).collect())),
        (
            "comfy-conditioning-doubles",
            "prompt",
            graph(clip(4_000).chain([sampler.clone()]).collect()),
        ),
        (
            "comfy-conditioning-60",
            "prompt",
            graph(clip(60).chain([sampler.clone()]).collect()),
        ),
        (
            "comfy-cycle",
            "prompt",
            graph(
                (0..4_000)
                    .map(|id| {
                        node(
                            id,
                            &format!(
                                "\"latent_image\":[\"{}\",0],\"positive\":[\"{}\",0]",
                                (id + 1) % 4_000,
                                (id + 7) % 4_000
                            ),
                        )
                    })
                    .collect(),
            ),
        ),
        ("comfy-all-to-all", "prompt", graph(all_to_all(170).collect())),
        (
            "comfy-4000-outputs",
            "prompt",
            graph(
                (0..4_000)
                    .map(|id| {
                        format!(
                            "\"{id}\":{{\"class_type\":\"SaveImage\",\"inputs\":{{\"images\":[\"x\",0]}}}}"
                        )
                    })
                    .chain([node(9_999, "\"model\":[\"0\",0]").replace("9999", "x")])
                    .collect(),
            ),
        ),
        (
            "comfy-4000-samplers",
            "prompt",
            graph(
                (0..4_000)
                    .map(|id| node(id, "\"seed\":1,\"steps\":2,\"positive\":[\"0\",0]"))
                    .collect(),
            ),
        ),
        (
            "comfy-workflow",
            "workflow",
            format!(
                "{{\"nodes\":[{}],\"links\":[{}]}}",
                drawn.trim_end_matches(','),
                links.trim_end_matches(',')
            ),
        ),
        ("json-deep", "prompt", "[".repeat(900_000)),
        ("json-deep-objects", "prompt", "{\"a\":".repeat(180_000)),
        ("json-wide", "prompt", format!("[{}0]", "0,".repeat(440_000))),
        (
            "json-keys",
            "prompt",
            format!(
                "{{{}\"z\":0}}",
                (0..80_000).map(|n| format!("\"{n}\":0,")).collect::<String>()
            ),
        ),
        (
            "json-same-key",
            "prompt",
            format!("{{{}\"z\":0}}", "\"a\":{},".repeat(110_000)),
        ),
        (
            "json-escapes",
            "prompt",
            format!("\"{}\"", "\\u0041".repeat(140_000)),
        ),
        ("json-number", "prompt", "9".repeat(900_000)),
        (
            "json-in-json",
            "prompt",
            format!("{{\"workflow\":\"{}\"}}", "\\\\\\\"".repeat(200_000)),
        ),
        (
            "a1111-pairs",
            "parameters",
            format!("a\nSteps: 1, {}", "Size: 1x1, ".repeat(80_000)),
        ),
        (
            "a1111-quotes",
            "parameters",
            format!("a\nSteps: 1, Lora hashes: \"{}", "a: b, \\\"".repeat(100_000)),
        ),
        (
            "a1111-loras",
            "parameters",
            format!("{}\nSteps: 1, Sampler: a", "<lora:a:1>".repeat(85_000)),
        ),
        (
            "a1111-open-tags",
            "parameters",
            format!("{}\nSteps: 1, Sampler: a", "<lora:".repeat(140_000)),
        ),
        (
            "a1111-lines",
            "parameters",
            format!("{}Steps: 1, Sampler: a", "Negative prompt: a\n".repeat(45_000)),
        ),
        (
            "a1111-9-mb",
            "parameters",
            format!("{}\nSteps: 1, Sampler: a", "a, ".repeat(3_000_000)),
        ),
        (
            "invoke",
            "invokeai_metadata",
            format!(
                "{{\"positive_prompt\":\"a\",\"loras\":[{}{{}}]}}",
                "{\"model\":{\"name\":\"a\"}},".repeat(35_000)
            ),
        ),
        ("dream", "Dream", format!("{} -s 1", "\"a\" ".repeat(200_000))),
        (
            "novelai",
            "Comment",
            format!(
                "{{\"prompt\":\"a\",\"v4_prompt\":{{\"caption\":{{\"char_captions\":[{}{{}}]}}}}}}",
                "{\"char_caption\":\"a\"},".repeat(38_000)
            ),
        ),
        (
            "midjourney",
            "Description",
            format!("{} --v 6 Job ID: 1", "--a b ".repeat(150_000)),
        ),
        (
            "aigc",
            "AIGC",
            format!("{{\"Label\":\"1\",\"a\":[{}0]}}", "[],".repeat(290_000)),
        ),
    ]
}

/// Pictures whose alpha channel says that a text of millions of bits follows.
fn stealth() -> Vec<Bomb> {
    let mut out = Vec::new();
    for (name, magic, length) in [
        ("comp", "stealth_pngcomp", u32::MAX),
        ("info", "stealth_pnginfo", u32::MAX),
        ("zip", "stealth_pngcomp", 7_000_000),
    ] {
        let side = 2_000_usize;
        let mut bits: Vec<u8> = magic
            .bytes()
            .chain(length.to_be_bytes())
            .flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1))
            .collect();
        let gzip: Vec<u8> = if name == "zip" {
            use std::io::Write as _;
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(&vec![b' '; 20_000_000]).unwrap();
            encoder.finish().unwrap()
        } else {
            Vec::new()
        };
        bits.extend(
            gzip.iter()
                .flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1)),
        );
        let mut rows = vec![0_u8; side * (side * 4 + 1)];
        for (index, bit) in bits.iter().take(side * side).enumerate() {
            // Column by column.
            let (x, y) = (index / side, index % side);
            rows[y * (side * 4 + 1) + 1 + x * 4 + 3] = 0xfe | bit;
        }
        let bytes = super::carriers::png_of((side, side, 8, 6, 0), &[], &zlib(&rows));
        out.push(Bomb::new(format!("stealth-{name}.png"), bytes));
    }
    out
}
