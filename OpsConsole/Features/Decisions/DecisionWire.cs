using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Decisions;

/// <summary>The answer of section N as JSON. Written by hand: it is on the decision path.</summary>
public static class DecisionWire
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic] private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? _scratch;

    public static string ToText(Answer answer, string baseUrl) => Encoding.UTF8.GetString(ToUtf8(answer, baseUrl));

    /// <summary>The body. Valid until the next call on this thread.</summary>
    public static ReadOnlySpan<byte> ToUtf8(Answer answer, string baseUrl)
    {
        if (_scratch is not var (buffer, json))
        {
            buffer = new ArrayBufferWriter<byte>(2048);
            _scratch = (buffer, json = new Utf8JsonWriter(buffer, Options));
        }
        buffer.ResetWrittenCount();
        json.Reset();
        Write(json, answer, baseUrl);
        json.Flush();
        if (buffer.Capacity > 64 * 1024) _scratch = null;
        return buffer.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter json, Answer answer, string baseUrl)
    {
        var (d, approval, question) = (answer.Decision, answer.Approval, answer.Question);
        json.WriteStartObject();
        json.WriteString("id"u8, d.Id);
        json.WriteString("outcome"u8, Word(d.Outcome));
        json.WriteString("action"u8, d.Action);
        json.WriteStartArray("reasons"u8);
        foreach (var reason in d.Reasons)
        {
            json.WriteStartObject();
            json.WriteString("code"u8, reason.Code);
            json.WriteString("message"u8, reason.Message);
            if (reason.Rule is not null) json.WriteString("rule"u8, reason.Rule);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("authority"u8);
        if (d.Tier is { } tier) json.WriteString("tier"u8, tier.ToString().ToLowerInvariant()); else json.WriteNull("tier"u8);
        if (d.Gate != Gate.None) json.WriteString("gate"u8, d.Gate.ToString()); else json.WriteNull("gate"u8);
        if (d.RuleId is not null) json.WriteString("rule"u8, d.RuleId); else json.WriteNull("rule"u8);
        json.WriteNumber("matrix_version"u8, d.MatrixVersion);
        json.WriteEndObject();
        if (approval is null) json.WriteNull("approval"u8);
        else
        {
            json.WriteStartObject("approval"u8);
            json.WriteString("id"u8, approval.Id);
            json.WriteString("status"u8, approval.Status.ToString().ToLowerInvariant());
            if (approval.Status == ApprovalStatus.Rejected && approval.Votes[^1].ReasonCode is { } code) json.WriteString("reason_code"u8, code);
            json.WriteString("expires_at"u8, approval.ExpiresAt);
            json.WriteString("review_url"u8, $"{baseUrl}/approvals/{approval.Id}");
            if (approval.Open) json.WriteString("turn"u8, Word(approval.Turn));
            if (question is not null)
            {
                json.WriteStartObject("question"u8);
                json.WriteString("id"u8, question.Id);
                json.WriteString("text"u8, question.Text);
                json.WriteString("asked_by"u8, question.AskedBy);
                json.WriteString("asked_at"u8, question.AskedAt);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WritePropertyName("arguments"u8);
        json.WriteRawValue(answer.Arguments, skipInputValidation: true);
        json.WriteString("digest"u8, CallDigest.ToWire(d.Digest));
        Time(json, "valid_until"u8, d.ValidUntil);
        Time(json, "reversible_until"u8, d.ReversibleUntil);
        if (d.WouldBe is { } would) json.WriteString("would_be"u8, Word(would)); else json.WriteNull("would_be"u8);
        if (d.LimitedBy is not null) json.WriteString("limited_by"u8, d.LimitedBy); else json.WriteNull("limited_by"u8);
        json.WriteString("mode"u8, d.Mode.ToString().ToLowerInvariant());
        json.WriteBoolean("claim_required"u8, d.ClaimRequired);
        if (d.RunId is not null) json.WriteString("run_id"u8, d.RunId);
        json.WriteString("asked_at"u8, d.At);
        if (d.ClaimedAt is { } claimed) json.WriteString("claimed_at"u8, claimed);
        if (d.ReportedAt is { } reported)
        {
            json.WriteString("reported_at"u8, reported);
            json.WriteString("report_status"u8, d.ReportStatus!.Value.ToString().ToLowerInvariant());
            json.WriteBoolean("late"u8, d.Late);
        }
        json.WriteEndObject();
    }

    public static string Word(Outcome outcome) => outcome switch { Outcome.Allow => "allow", Outcome.Pending => "pending", Outcome.Deny => "deny", Outcome.Shadow => "shadow", _ => "simulation" };

    public static string Word(Turn turn) => turn switch { Turn.Approvers => "approvers", Turn.Agent => "agent", _ => "owner" };

    private static void Time(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? at)
    {
        if (at is { } value) json.WriteString(name, value); else json.WriteNull(name);
    }
}
