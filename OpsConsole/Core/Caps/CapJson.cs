using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Caps;

/// <summary>The wire form of caps (protocols.md, section N, <c>PUT agents/{id}/caps</c>).</summary>
public static class CapJson
{
    /// <summary>Reads and checks a caps document; <c>null</c> members count as absent.</summary>
    public static Result<CapSpec> Parse(JsonElement body, DateTimeOffset since)
    {
        if (body.ValueKind != JsonValueKind.Object) return Fault.Invalid("field.invalid", "Caps are a JSON object.");
        List<CapLimit> limits = [];
        var (sameCall, window, reserveUsd, reserveTokens) = (CapSpec.None.SameCall, CapSpec.None.SameCallWindow, 0L, 0L);
        foreach (var member in body.EnumerateObject())
        {
            if (member.Name is not ("usd" or "tokens" or "decisions" or "repeat" or "default_reserve")) return Fault.Invalid("field.unknown", $"There is no field '{(member.Name.Length > 100 ? member.Name[..100] : member.Name)}' in caps.", member.Name.Length > 100 ? member.Name[..100] : member.Name);
            if (member.Value.ValueKind == JsonValueKind.Null) continue;
            if (member.Value.ValueKind != JsonValueKind.Object) return Wrong(member.Name, "an object");
            var unit = member.Name switch { "usd" => CapUnit.Usd, "tokens" => CapUnit.Tokens, "decisions" => CapUnit.Decisions, _ => (CapUnit?)null };
            if (unit is { } known)
            {
                if (Limits(known, member.Value, limits) is { } fault) return fault;
                continue;
            }
            foreach (var field in member.Value.EnumerateObject())
            {
                if (field.Value.ValueKind == JsonValueKind.Null) continue;
                var path = member.Name + "." + field.Name;
                switch (path)
                {
                    case "repeat.same_call":
                        if (field.Value.ValueKind != JsonValueKind.Number || !field.Value.TryGetInt32(out sameCall) || sameCall is < 1 or > 10_000) return Wrong(path, "a whole number from 1 to 10000");
                        break;
                    case "repeat.window":
                        if (!Duration(field.Value, out window) || window < TimeSpan.FromSeconds(1) || window > LoopDetector.MaxWindow) return Wrong(path, "a duration from PT1S to PT1H");
                        break;
                    case "default_reserve.usd":
                        if (!Usd(field.Value, out reserveUsd)) return Wrong(path, "an amount of US dollars as text, such as \"0.01\"");
                        break;
                    case "default_reserve.tokens":
                        if (!Whole(field.Value, out reserveTokens)) return Wrong(path, "a whole number of tokens");
                        break;
                    default: return Fault.Invalid("field.unknown", $"There is no field {path} in caps.", path);
                }
            }
        }
        return new CapSpec(limits, sameCall, window, reserveUsd, reserveTokens, since);
    }

    private static Fault? Limits(CapUnit unit, JsonElement value, List<CapLimit> limits)
    {
        var name = unit.ToString().ToLowerInvariant();
        var pause = false;
        List<(CapSpan Span, long Limit)> found = [];
        foreach (var field in value.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Null) continue;
            var path = name + "." + field.Name;
            CapSpan? span = field.Name switch { "run" => CapSpan.Run, "minute" => CapSpan.Minute, "hour" => CapSpan.Hour, "day" => CapSpan.Day, _ => null };
            if (span is { } known)
            {
                long limit;
                if (unit == CapUnit.Usd ? !Usd(field.Value, out limit) : !Whole(field.Value, out limit)) return Wrong(path, unit == CapUnit.Usd ? "an amount of US dollars as text, such as \"5.00\"" : "a whole number");
                found.Add((known, limit));
            }
            else if (field.Name == "pause")
            {
                if (field.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return Wrong(path, "true or false");
                pause = field.Value.GetBoolean();
            }
            else return Fault.Invalid("field.unknown", $"There is no field {path} in caps.", path);
        }
        limits.AddRange(found.Select(f => new CapLimit(unit, f.Span, f.Limit, pause)));
        return null;
    }

    private static bool Usd(JsonElement value, out long micros)
    {
        micros = 0;
        return value.ValueKind is JsonValueKind.String or JsonValueKind.Number && Money.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), out micros);
    }

    private static bool Whole(JsonElement value, out long number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number) && number is >= 0 and <= 1L << 53;
    }

    private static bool Duration(JsonElement value, out TimeSpan duration)
    {
        duration = default;
        return value.ValueKind == JsonValueKind.String && Authority.IsoDuration.TryParse(value.GetString()!, out duration);
    }

    private static Fault Wrong(string path, string expected) => Fault.Invalid("field.invalid", $"{path} must be {expected}.", path);
}
