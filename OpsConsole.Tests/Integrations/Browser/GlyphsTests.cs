using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Features.Toolkit;
using OpsConsole.Support;

namespace OpsConsole.Integrations.Browser;

public sealed class GlyphsTests : IDisposable
{
    private readonly PressBench _bench = new();
    private static readonly (int, int)[] Latin = [(0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2030)];

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Missing_OneLinePerScript_InTheOrderOfTheText() => Assert.Equal(
        [new MissingGlyphs("Arabic", "ع", "fonts-noto-core"), new MissingGlyphs("Chinese, Japanese and Korean", "決", "fonts-noto-cjk"), new MissingGlyphs("emoji", "🚀", "fonts-noto-color-emoji"), new MissingGlyphs("Thai", "ก", "fonts-noto-core")],
        Scripts.Missing("Größe “ä” – ععر 決定 カナ 한글 🚀🧪 ก", Latin));

    [Theory]
    [InlineData("plain\r\n\ttext\u00A0with a\u200Bspace\u00AD\u2028")]
    [InlineData("a\uFE0F\u200D\uFEFF\u202Eb\uE000\u034F")]
    [InlineData("")]
    public void Missing_WhatDrawsNothing_IsNotMissed(string text) => Assert.Empty(Scripts.Missing(text, Latin));

    [Fact]
    public void Missing_NoFontsAtAll_NamesLatinToo() => Assert.Equal(["Latin"], Scripts.Missing("Words", []).Select(m => m.Script));

    [Theory]
    [InlineData(0x0416, "Cyrillic", "fonts-noto-core")]
    [InlineData(0x05D0, "Hebrew", "fonts-noto-core")]
    [InlineData(0x0915, "Devanagari", "fonts-noto-core")]
    [InlineData(0x2713, "symbols", "fonts-noto-core")]
    [InlineData(0xD55C, "Chinese, Japanese and Korean", "fonts-noto-cjk")]
    [InlineData(0x20BB7, "Chinese, Japanese and Korean", "fonts-noto-cjk")]
    [InlineData(0x1F600, "emoji", "fonts-noto-color-emoji")]
    [InlineData(0x1E900, "other characters", "fonts-noto-core")]
    public void Of_Character_HasScriptAndPackage(int character, string name, string package) => Assert.Equal((name, package), Scripts.Of(new Rune(character)));

    [Fact]
    public void Together_CharsetsOfAllFonts_AreOneListInOrder() =>
        Assert.Equal([(0x20, 0x80), (0xA0, 0x17F), (0x1F600, 0x1F600)], Scripts.Together("20-7e 100-17f\n\na0-ff 7f-80 21\r\nnot-hex 1f600\n"));

    [Fact]
    public async Task MissingAsync_FontsInstalledMeanwhile_AreSeenAfterAMinute()
    {
        var time = new HandTime();
        using var glyphs = new Glyphs(time, NullLogger<Glyphs>.Instance) { Program = _bench.Script("cat \"$here/fonts\"", "fc-list") };
        await File.WriteAllTextAsync(_bench.PathTo("fonts"), "20-7e a0-17f\n");
        Assert.Equal(["Greek"], (await glyphs.MissingAsync("Ωmega", default))!.Select(m => m.Script));
        await File.WriteAllTextAsync(_bench.PathTo("fonts"), "20-7e a0-17f\n370-3ff\n");
        Assert.Single((await glyphs.MissingAsync("Ωmega", default))!);
        Assert.Equal(1, _bench.Calls);
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Empty((await glyphs.MissingAsync("Ωmega", default))!);
    }

    [Theory]
    [InlineData("exit 1")]
    [InlineData("kill -9 $$")]
    public async Task MissingAsync_FontconfigFails_IsUnknown(string script)
    {
        using var glyphs = new Glyphs(new HandTime(), NullLogger<Glyphs>.Instance) { Program = _bench.Script(script, "fc-list") };
        Assert.Null(await glyphs.MissingAsync("Ωmega", default));
    }

    [Fact]
    public async Task MissingAsync_NoFontconfig_IsUnknown()
    {
        using var glyphs = new Glyphs(new HandTime(), NullLogger<Glyphs>.Instance) { Program = "no-such-fc-list" };
        Assert.Null(await glyphs.MissingAsync("Ωmega", default));
    }

    [Fact]
    public async Task MissingAsync_RealFontconfig_DrawsLatin()
    {
        using var glyphs = new Glyphs(TimeProvider.System, NullLogger<Glyphs>.Instance);
        Assert.Empty((await glyphs.MissingAsync("Words, and “quotes”", default))!);   // Chromium's package brings fontconfig and a font
    }
}
