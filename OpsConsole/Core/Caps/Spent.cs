using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Caps;

/// <summary>What one decision counts for, in micro-dollars or tokens: the one rule of caps, totals and stories.</summary>
public static class Spent
{
    /// <summary>Nothing unless it is allowed or may still be; what was reported, once it was; nothing for what was skipped without a cost; until then what is reserved.</summary>
    public static long Of(Outcome outcome, ReportStatus? status, long? cost, long reserved)
        => outcome is not (Outcome.Allow or Outcome.Pending) ? 0 : cost ?? (status == ReportStatus.Skipped ? 0 : reserved);
}
