namespace OpsConsole.Features.Toolkit;

/// <summary>Characters that no font on this machine can draw: in a PDF they would be empty boxes.</summary>
/// <param name="Script">What they belong to, in words: <c>Arabic</c>, <c>Chinese, Japanese and Korean</c>, <c>emoji</c>.</param>
/// <param name="Sample">The first of them in the text, one character.</param>
/// <param name="Package">The Debian package whose fonts draw them, for example <c>fonts-noto-cjk</c>.</param>
public sealed record MissingGlyphs(string Script, string Sample, string Package);

/// <summary>Knows which characters the fonts of this machine can draw.</summary>
public interface IGlyphs
{
    /// <summary>What of this text cannot be drawn, one line per script in the order of the text; empty when all can; null when nobody can tell (no fontconfig here).</summary>
    Task<IReadOnlyList<MissingGlyphs>?> MissingAsync(string text, CancellationToken ct);
}
