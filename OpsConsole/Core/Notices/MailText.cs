using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Notices;

/// <summary>A file that goes with a mail.</summary>
public sealed record MailFile(string Name, string ContentType, byte[] Content);

/// <summary>A mail: the same said plainly and as simple HTML. The subject is one line.</summary>
public sealed record MailText(string Subject, string Text, string Html)
{
    /// <summary>Null: none.</summary>
    public MailFile? File { get; private init; }

    /// <summary>So many requests a digest names; the others are counted.</summary>
    public const int MostLines = 50;
    /// <summary>So many it looks at for those, the unread of high consequence first.</summary>
    public const int MostLookedAt = 2 * MostLines;
    private const string Why = "You have this because of your notification settings in OpsConsole. The link needs a sign-in; nothing is decided by mail.";

    /// <summary>One request.</summary>
    /// <param name="file">What goes with it; null: nothing.</param>
    public static MailText Of(NoticeLine line, DateTimeOffset now, string preferences, MailFile? file = null)
        => Make(line.Subject, file is null ? null : "It is attached as it stood when this was sent. What was written since is behind the link.", [line], now, preferences) with { File = file };

    /// <summary>What was gathered.</summary>
    /// <param name="more">So many more than are named.</param>
    /// <param name="decided">So many were decided before this was sent.</param>
    public static MailText Digest(IReadOnlyList<NoticeLine> lines, int more, int decided, DateTimeOffset now, string preferences)
    {
        var subject = Counted.Of(lines.Count + more, "notice");
        List<string> rest = [];
        if (more > 0) rest.Add($"{more.ToString(CultureInfo.InvariantCulture)} more are in your notices.");
        if (decided > 0) rest.Add(decided == 1 ? "1 other was decided meanwhile." : $"{decided.ToString(CultureInfo.InvariantCulture)} others were decided meanwhile.");
        return Make($"{subject}, {Counted.Of(lines.Count(l => l.High), "of high consequence", "of high consequence")}", rest.Count == 0 ? null : string.Join(' ', rest), lines, now, preferences);
    }

    public static MailText Test(string preferences) => Make("A test from OpsConsole", "Mail arrives here. This was sent because you asked for it on your notification settings.", [], default, preferences);

    private static MailText Make(string subject, string? words, IReadOnlyList<NoticeLine> lines, DateTimeOffset now, string preferences)
    {
        StringBuilder text = new(), html = new("<!doctype html><html lang=\"en\"><body style=\"font-family:sans-serif;font-size:14px\">");
        foreach (var line in lines)
        {
            text.Append(line.What).Append("\n\n");
            html.Append("<p><b>").Append(Encode(line.What)).Append("</b></p><table>");
            foreach (var (label, value) in line.Facts(now))
            {
                text.Append("  ").Append(label).Append(": ").Append(value).Append('\n');
                html.Append("<tr><td>").Append(label).Append("</td><td>").Append(Encode(value)).Append("</td></tr>");
            }
            text.Append("\n  ").Append(line.Url).Append("\n\n");
            html.Append("</table><p><a href=\"").Append(Encode(line.Url)).Append("\">Open it</a></p>");
        }
        if (words is not null)
        {
            text.Append(words).Append("\n\n");
            html.Append("<p>").Append(Encode(words)).Append("</p>");
        }
        text.Append("-- \n").Append(Why).Append('\n').Append(preferences).Append('\n');
        html.Append("<hr><p style=\"color:#555\">").Append(Encode(Why)).Append(" <a href=\"").Append(Encode(preferences)).Append("\">Notification settings</a></p></body></html>");
        return new MailText(NoticeLine.Plain(subject, 200), text.ToString(), html.ToString());
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
