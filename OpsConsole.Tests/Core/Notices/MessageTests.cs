using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace OpsConsole.Core.Notices;

/// <summary>What is said outside: text there and nothing else, whatever an agent calls its action.</summary>
public sealed class MessageTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);
    private const string Hostile = "<!channel> **x** [a](https://evil.example)\r\nBcc: all@example.com\u202e <script>&";

    private static NoticeLine Line(string action) => new(NoticeKind.Waits, true, action, "Support", "Agent", true, Now.AddMinutes(15), "https://ops.example.com/approvals/apr_1");

    [Fact]
    public void Undo_IsNamedByItsSteps_AndNothingElse()
    {
        var line = new NoticeLine(NoticeKind.Undo, true, "", "Support", "", false, null, "https://ops.example.com/undo/udp_1") { Steps = 3 };
        Assert.Equal("An undo needs you: 3 steps · Support", line.Subject);
        Assert.Equal([("Undo", "3 steps need somebody"), ("Rollout", "Support"), ("Consequence", "low")], line.Facts(Now));
        Assert.Equal("Waits for you to confirm it: crm.set · Support", (Line("crm.set") with { Kind = NoticeKind.Confirm }).Subject);
    }

    [Fact]
    public void Mail_OneRequest_SaysWhatAndHowLong_WithALink()
    {
        var mail = MailText.Of(Line("refund.create"), Now, "https://ops.example.com/account/notifications");
        Assert.Equal("Waits for you: refund.create · Support", mail.Subject);
        foreach (var part in (string[])["refund.create", "Support", "Agent", "high", "15 min left", "https://ops.example.com/approvals/apr_1", "https://ops.example.com/account/notifications"])
        {
            Assert.Contains(part, mail.Text);
            Assert.Contains(part, mail.Html);
        }
    }

    [Fact]
    public void Digest_NamesCountsAndDecided()
    {
        var mail = MailText.Digest([Line("a.b"), Line("c.d") with { High = false }], 3, 2, Now, "https://ops.example.com/account/notifications");
        Assert.Equal("5 notices, 1 of high consequence", mail.Subject);
        Assert.Contains("3 more are in your notices. 2 others were decided meanwhile.", mail.Text);
    }

    [Fact]
    public void Mail_AnyName_IsOneHeaderLine_AndNoMarkup() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll<string?>(text =>
    {
        var mail = MailText.Of(Line((text ?? "") + Hostile), Now, "https://ops.example.com/p");
        return !mail.Subject.Any(c => char.IsControl(c) || c is '\u202e' or '\u2028') && mail.Subject.Length <= 200 && !mail.Html.Contains("<script", StringComparison.OrdinalIgnoreCase) && !mail.Text.Contains("\nBcc:", StringComparison.Ordinal);
    }));

    [Fact]
    public void Plain_CutsBetweenCharacters()
    {
        Assert.Equal("ab", NoticeLine.Plain("ab", 2));
        Assert.Equal("a…", NoticeLine.Plain("a😀b", 3));
        Assert.Equal("a b", NoticeLine.Plain("a\nb"));
    }

    [Fact]
    public void Slack_HostileName_IsPlainTextWithoutMentionOrLink()
    {
        var text = ChatText.Body(ChatKind.Slack, Line(Hostile), Now);
        var body = JsonElement.Parse(text);
        Assert.DoesNotContain("<", text.Replace("\\u003C", "<", StringComparison.OrdinalIgnoreCase));
        Assert.False(body.GetProperty("mrkdwn").GetBoolean());
        var blocks = body.GetProperty("blocks");
        Assert.Equal("A request waits", blocks[0].GetProperty("text").GetProperty("text").GetString());
        Assert.All(blocks[1].GetProperty("fields").EnumerateArray(), f => Assert.Equal("plain_text", f.GetProperty("type").GetString()));
        Assert.Contains("&lt;!channel&gt;", blocks[1].GetProperty("fields")[0].GetProperty("text").GetString());
        Assert.Equal("https://ops.example.com/approvals/apr_1", blocks[2].GetProperty("elements")[0].GetProperty("url").GetString());
    }

    [Fact]
    public void More_SaysHowManyAndWhere()
    {
        var body = JsonElement.Parse(ChatText.More(ChatKind.Slack, "<!here>", 1, "https://ops.example.com/approvals?rollout=rol_1")).GetProperty("blocks");
        Assert.Equal(("1 more notice", "Rollout: &lt;!here&gt;"), (body[0].GetProperty("text").GetProperty("text").GetString(), body[1].GetProperty("fields")[0].GetProperty("text").GetString()));
        Assert.Contains("1,000 more notices or more", ChatText.More(ChatKind.Teams, "Support", NoticeDelivery.MostGathered, "https://ops.example.com"));
    }

    [Fact]
    public void Teams_HostileName_StandsInATextRun_WhichKnowsNoMarkdown()
    {
        var card = JsonElement.Parse(ChatText.Body(ChatKind.Teams, Line(Hostile), Now)).GetProperty("attachments")[0].GetProperty("content");
        Assert.Equal("AdaptiveCard", card.GetProperty("type").GetString());
        Assert.All(card.GetProperty("body").EnumerateArray(), b => Assert.Equal("RichTextBlock", b.GetProperty("type").GetString()));
        Assert.StartsWith("<!channel> **x**", card.GetProperty("body")[1].GetProperty("inlines")[1].GetProperty("text").GetString());
        Assert.Equal(("Action.OpenUrl", "https://ops.example.com/approvals/apr_1"), (card.GetProperty("actions")[0].GetProperty("type").GetString(), card.GetProperty("actions")[0].GetProperty("url").GetString()));
    }
}
