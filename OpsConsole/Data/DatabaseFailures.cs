using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace OpsConsole.Data;

/// <summary>Tells a database that is gone, full or locked from a statement that is wrong.</summary>
internal static class DatabaseFailures
{
    public static bool IsBroken(Exception e)
    {
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                // busy, locked, out of memory, read-only, I/O error, corrupt, full, cannot open, protocol, not a database
                case SqliteException { SqliteErrorCode: 5 or 6 or 7 or 8 or 10 or 11 or 13 or 14 or 15 or 26 }: return true;
                // connection, refused log-in, database gone, insufficient resources, not accepting connections, operator intervention, system error, damaged data, read-only transaction, serialisation
                case PostgresException postgres: return postgres.SqlState[..2] is "08" or "28" or "3D" or "53" or "55" or "57" or "58" or "XX" or "40" || postgres.SqlState == "25006";
                case NpgsqlException or SocketException or IOException or TimeoutException: return true;
            }
        }
        return false;
    }
}
