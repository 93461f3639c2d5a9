using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace OpsConsole.Core.Shared;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("Refund 420.00 €", "Refund 420.00 €")]
    [InlineData("line one\nline two\r\n\tthree", "line one\nline two\r\n\tthree")]
    [InlineData("a\u202Eb", "a⟨U+202E⟩b")]
    [InlineData("a\u200Bb", "a⟨U+200B⟩b")]
    [InlineData("\u001B[31mred", "⟨U+001B⟩[31mred")]
    [InlineData("lone\rreturn", "lone⟨U+000D⟩return")]
    [InlineData("no\u00A0break", "no⟨U+00A0⟩break")]
    [InlineData("tag\U000E0041", "tag⟨U+E0041⟩")]
    [InlineData("filler\u3164", "filler⟨U+3164⟩")]
    [InlineData("☀\uFE0F and a\uFE0F", "☀\uFE0F and a⟨U+FE0F⟩")]
    [InlineData("日本語 עברית 😀", "日本語 עברית 😀")]
    public void Flatten_Text_ShowsWhatTheEyeCannotSee(string sent, string shown) => Assert.Equal(shown, VisibleText.Flatten(sent));

    [Fact]
    public void Segments_RightToLeftOverride_IsHiddenAndNamed()
    {
        var segments = VisibleText.Segments("ab\u202Ecd");
        Assert.Equal([new("ab", false), new("⟨U+202E⟩", true, "right-to-left override"), new("cd", false)], segments);
    }

    [Fact]   // an attribute cannot carry half a character
    public void Flatten_LoneSurrogate_IsMarked() => Assert.Equal("half⟨U+D800⟩.", VisibleText.Flatten("half" + (char)0xD800 + "."));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Segments_Nothing_IsEmpty(string? text) => Assert.Empty(VisibleText.Segments(text));

    [Fact]
    public void Segments_AnyText_VisiblePiecesAreTheTextWithoutTheHiddenCharacters() =>
        Prop.ForAll<string?>(text =>
        {
            var pieces = VisibleText.Segments(text);
            var visible = string.Concat(pieces.Where(p => !p.IsHidden).Select(p => p.Text));
            return !VisibleText.HasHidden(visible.Replace("\r", "", StringComparison.Ordinal)) && visible.Length <= (text ?? "").Length
                && (text ?? "").Length <= visible.Length + 2 * pieces.Count(p => p.IsHidden);
        }).QuickCheckThrowOnFailure();
}
