using System.Buffers;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Webhooks;

public enum MessageFormat { CloudEvents, Standard }

/// <summary>The body of a delivery. It is made once: attempts and replays send the same bytes.</summary>
public static class WebhookMessage
{
    public const string Source = "/opsconsole";

    /// <summary>The event's id, the same at every endpoint and attempt, by which receivers drop repetitions. No two consoles make the same: it carries the entry's place and its hash.</summary>
    public static string Id(long seq, ReadOnlySpan<byte> chain) => Ids.Make("evt", seq, chain[..8]);

    public static string ContentType(MessageFormat format) => format == MessageFormat.CloudEvents ? "application/cloudevents+json" : "application/json";

    /// <param name="origin">Where people reach the console, or null: the link is then a path.</param>
    public static string Body(MessageFormat format, string id, Occurrence o, string? origin)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (format == MessageFormat.CloudEvents)
            {
                json.WriteString("specversion"u8, "1.0"u8);
                json.WriteString("id"u8, id);
                json.WriteString("source"u8, Source);
                json.WriteString("type"u8, WebhookEvent.Type(o.Name));
                json.WriteString("subject"u8, o.Subject);
                json.WriteString("time"u8, o.At.UtcDateTime);
                json.WriteString("datacontenttype"u8, "application/json"u8);
            }
            else
            {
                json.WriteString("type"u8, o.Name);
                json.WriteString("timestamp"u8, o.At.UtcDateTime);
            }
            json.WriteStartObject("data"u8);
            if (o.RolloutId is { } rollout) json.WriteString("rollout_id"u8, rollout);
            foreach (var (name, value) in o.Data) json.WriteString(name, value);
            json.WriteString("url"u8, origin + o.Path);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
