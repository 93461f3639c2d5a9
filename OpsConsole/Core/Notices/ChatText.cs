using System.Buffers;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Notices;

/// <summary>Where a rollout's channel is.</summary>
public enum ChatKind { Slack, Teams }

/// <summary>The body of a message to a chat (protocols.md, 3.3): what it says is text there and nothing else, with one link that needs a sign-in.</summary>
public static class ChatText
{
    public static string Body(ChatKind kind, NoticeLine line, DateTimeOffset now)
        => Write(kind, line.Kind == NoticeKind.Waits ? "A request waits" : line.What, [.. line.Facts(now)], line.Url);

    /// <summary>What came beyond <see cref="ChatChannel.MostAnHour"/>.</summary>
    public static string More(ChatKind kind, string rollout, int count, string url)
        => Write(kind, $"{Counted.Of(count, "more notice")}{(count < NoticeDelivery.MostGathered ? "" : " or more")}", [("Rollout", NoticeLine.Plain(rollout)), ("Why", $"at most {ChatChannel.MostAnHour} messages an hour are sent here")], url);

    public static string Test(ChatKind kind, string rollout, string url) => Write(kind, "A test from OpsConsole", [("Rollout", NoticeLine.Plain(rollout))], url);

    private static string Write(ChatKind kind, string title, (string Label, string Value)[] facts, string url)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            if (kind == ChatKind.Slack) Slack(json, title, facts, url);
            else Teams(json, title, facts, url);
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Slack(Utf8JsonWriter json, string title, (string Label, string Value)[] facts, string url)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, Escape($"{title}: {string.Join(" · ", facts.Select(f => f.Value))}"));
        json.WriteBoolean("mrkdwn"u8, false);
        json.WriteBoolean("unfurl_links"u8, false);
        json.WriteStartArray("blocks"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "header"u8);
        Text(json, "text", title);
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type"u8, "section"u8);
        json.WriteStartArray("fields"u8);
        foreach (var (label, value) in facts) Text(json, null, $"{label}: {value}");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type"u8, "actions"u8);
        json.WriteStartArray("elements"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "button"u8);
        Text(json, "text", "Review");
        json.WriteString("action_id"u8, "review"u8);
        json.WriteString("url"u8, url);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // plain_text knows no formatting, no mentions and no links.
    private static void Text(Utf8JsonWriter json, string? name, string text)
    {
        if (name is null) json.WriteStartObject();
        else json.WriteStartObject(name);
        json.WriteString("type"u8, "plain_text"u8);
        json.WriteString("text"u8, Escape(text));
        json.WriteBoolean("emoji"u8, false);
        json.WriteEndObject();
    }

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static void Teams(Utf8JsonWriter json, string title, (string Label, string Value)[] facts, string url)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "message"u8);
        json.WriteStartArray("attachments"u8);
        json.WriteStartObject();
        json.WriteString("contentType"u8, "application/vnd.microsoft.card.adaptive"u8);
        json.WriteStartObject("content"u8);
        json.WriteString("$schema"u8, "http://adaptivecards.io/schemas/adaptive-card.json"u8);
        json.WriteString("type"u8, "AdaptiveCard"u8);
        json.WriteString("version"u8, "1.4"u8);
        json.WriteStartArray("body"u8);
        Runs(json, (title, true));
        foreach (var (label, value) in facts) Runs(json, (label + ": ", true), (value, false));
        json.WriteEndArray();
        json.WriteStartArray("actions"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "Action.OpenUrl"u8);
        json.WriteString("title"u8, "Review"u8);
        json.WriteString("url"u8, url);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // A TextRun knows no Markdown, unlike TextBlock and FactSet.
    private static void Runs(Utf8JsonWriter json, params (string Text, bool Strong)[] runs)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "RichTextBlock"u8);
        json.WriteStartArray("inlines"u8);
        foreach (var (text, strong) in runs)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "TextRun"u8);
            json.WriteString("text"u8, text);
            if (strong) json.WriteString("weight"u8, "bolder"u8);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
